(+ 1 2)
(car (list (undefined 3)))
